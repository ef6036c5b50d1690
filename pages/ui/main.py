"""What Streamlit runs for every view: the frame, a lesson's step, then the page of the link."""

from pages.ui.frame import draw_frame
from pages.ui.lesson.bar import draw_lesson

page = draw_frame()
draw_lesson()
page.run()
